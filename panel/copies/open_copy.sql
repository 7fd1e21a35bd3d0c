-- A copy of the open parts of a record: the entries as they are, and views of them in a panel's own words.

CREATE TABLE entry (seq INTEGER PRIMARY KEY, recorded_at TEXT, actor TEXT, kind TEXT, body TEXT, previous TEXT, digest TEXT);
CREATE INDEX entry_of_referral ON entry (kind, json_extract(body, '$.referral'));
CREATE INDEX entry_of_urn ON entry (kind, json_extract(body, '$.urn'));
CREATE INDEX entry_of_meeting ON entry (kind, json_extract(body, '$.meeting'));

-- Where each school stood on the day of each meeting: counted by the rulebook, so no view can work it out.
CREATE TABLE positions (
    meeting, as_of, school, school_name, setting, roll, load, share, quota_left, turn, permanent_exclusions
);
CREATE TABLE counts (meeting, as_of, school, count, number);

CREATE VIEW schools AS
SELECT
    json_extract(body, '$.urn') AS urn,
    json_extract(body, '$.name') AS name,
    json_extract(body, '$.setting') AS setting,
    json_extract(body, '$.phase') AS phase,
    json_extract(body, '$.intake') AS intake,
    json_extract(body, '$.low_age') AS low_age,
    json_extract(body, '$.high_age') AS high_age,
    json_extract(body, '$.roll') AS roll,
    json_extract(body, '$.places') AS places,
    json_extract(body, '$.occupied') AS occupied,
    json_extract(body, '$.opened_on') AS opened_on,
    json_extract(body, '$.closes_on') AS closes_on,
    iif(json_extract(body, '$.closing'), 'yes', 'no') AS closing,
    iif(json_extract(body, '$.closed'), 'yes', 'no') AS closed,
    CASE json_extract(body, '$.special_measures') WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END AS special_measures,
    json_extract(body, '$.ofsted') AS ofsted,
    json_extract(body, '$.federation') AS federation,
    seq AS entry
FROM entry
WHERE seq IN (SELECT max(seq) FROM entry WHERE kind = 'school recorded' GROUP BY json_extract(body, '$.urn'))
ORDER BY urn;

CREATE VIEW "schools that changed" AS
SELECT
    json_extract(body, '$.urn') AS urn,
    substr(kind, 8) AS change,
    coalesce(json_extract(body, '$.before'), json_extract(body, '$.merged')) AS before,
    json_extract(body, '$.name') AS name,
    json_extract(body, '$.on') AS "on",
    seq AS entry
FROM entry WHERE kind IN ('school merged', 'school closed', 'school renamed', 'school converted', 'school joined', 'school left')
ORDER BY seq;

CREATE VIEW places AS
SELECT
    schools.urn AS school,
    schools.name AS school_name,
    json_extract(year.value, '$.year_group') AS year_group,
    json_extract(year.value, '$.pan') AS pan,
    json_extract(year.value, '$.on_roll') AS on_roll,
    json_extract(body, '$.as_at') AS as_at,
    seq AS entry
FROM entry
JOIN json_each(body, '$.years') AS year
JOIN schools ON schools.urn = json_extract(body, '$.urn')
WHERE kind = 'places recorded'
ORDER BY seq, year_group;

CREATE VIEW rulebooks AS
SELECT
    json_extract(body, '$.name') AS name,
    json_extract(body, '$.edition') AS edition,
    json_extract(body, '$.digest') AS digest,
    seq AS entry
FROM entry WHERE kind = 'rulebook adopted' ORDER BY seq;

CREATE VIEW terms AS
SELECT json_extract(body, '$.first') AS first, json_extract(body, '$.last') AS last, seq AS entry
FROM entry WHERE kind = 'term recorded' ORDER BY seq;

CREATE VIEW exemptions AS
SELECT
    json_extract(body, '$.urn') AS school,
    (SELECT name FROM schools WHERE urn = json_extract(body, '$.urn')) AS school_name,
    json_extract(body, '$.year_group') AS year_group,
    json_extract(body, '$.first') AS first,
    json_extract(body, '$.last') AS last,
    seq AS entry
FROM entry WHERE kind = 'exemption voted' ORDER BY seq;

CREATE VIEW "admissions outside the panel" AS
SELECT
    json_extract(body, '$.on') AS "on",
    json_extract(body, '$.pupil') AS pupil,
    json_extract(body, '$.school') AS school,
    (SELECT name FROM schools WHERE urn = json_extract(body, '$.school')) AS school_name,
    json_extract(body, '$.year_group') AS year_group,
    iif(json_extract(body, '$.permanently_excluded'), 'yes', 'no') AS permanently_excluded,
    json_extract(body, '$.over_number') AS over_number,
    seq AS entry
FROM entry WHERE kind = 'outside admission' ORDER BY seq;

CREATE VIEW "placements before the ledger" AS
SELECT
    json_extract(body, '$.on') AS "on",
    json_extract(body, '$.pupil') AS pupil,
    json_extract(body, '$.school') AS school,
    (SELECT name FROM schools WHERE urn = json_extract(body, '$.school')) AS school_name,
    json_extract(body, '$.year_group') AS year_group,
    json_extract(body, '$.referral_kind') AS kind,
    json_extract(body, '$.home_school') AS home_school,
    iif(json_extract(body, '$.permanently_excluded'), 'yes', 'no') AS permanently_excluded,
    json_extract(body, '$.outcome') AS outcome,
    seq AS entry
FROM entry WHERE kind = 'placement before the ledger' ORDER BY seq;

CREATE VIEW "permanent exclusions" AS
SELECT
    json_extract(body, '$.on') AS "on",
    json_extract(body, '$.pupil') AS pupil,
    json_extract(body, '$.school') AS school,
    (SELECT name FROM schools WHERE urn = json_extract(body, '$.school')) AS school_name,
    json_extract(body, '$.year_group') AS year_group,
    (
        SELECT json_extract(back.body, '$.how') || ' ' || json_extract(back.body, '$.on') FROM entry AS back
        WHERE back.kind = 'permanent exclusion reversed'
            AND json_extract(back.body, '$.pupil') = json_extract(entry.body, '$.pupil')
            AND json_extract(back.body, '$.school') = json_extract(entry.body, '$.school')
            AND json_extract(back.body, '$.excluded_on') = json_extract(entry.body, '$.on')
    ) AS reversed,
    seq AS entry
FROM entry WHERE kind = 'permanent exclusion' ORDER BY seq;

-- The decisions that stand: not a deferral, and not one to which somebody did not agree whose agreement it needed.
CREATE VIEW "decisions that stand" AS
SELECT json_extract(body, '$.referral') AS referral, max(seq) AS entry
FROM entry AS decided
WHERE kind = 'decision taken' AND json_extract(body, '$.outcome') <> 'deferred'
    AND NOT EXISTS (
        SELECT 1 FROM entry AS refused
        WHERE refused.kind IN (
            'receiving school refused', 'family refused', 'partner refused', 'governing board declined', 'agreement withdrawn'
        )
            AND (refused.kind <> 'agreement withdrawn' OR json_extract(refused.body, '$.school') IS NOT NULL)
            AND refused.seq > decided.seq
            AND json_extract(refused.body, '$.referral') = json_extract(decided.body, '$.referral')
    )
GROUP BY json_extract(body, '$.referral');

CREATE VIEW referrals AS
SELECT
    json_extract(made.body, '$.referral') AS referral,
    json_extract(made.body, '$.pupil') AS pupil,
    json_extract(made.body, '$.referral_kind') AS kind,
    iif(json_extract(made.body, '$.permanently_excluded'), 'yes', 'no') AS permanently_excluded,
    json_extract(made.body, '$.year_group') AS year_group,
    json_extract(made.body, '$.home_school') AS home_school,
    json_extract(made.body, '$.excluded_by') AS excluded_by,
    json_extract(made.body, '$.made_on') AS made_on,
    json_extract(made.body, '$.accepted_on') AS accepted_on,
    json_extract(made.body, '$.follows') AS follows,
    CASE
        WHEN EXISTS (
            SELECT 1 FROM entry AS back
            WHERE back.kind = 'referral withdrawn'
                AND json_extract(back.body, '$.referral') = json_extract(made.body, '$.referral')
        ) THEN 'withdrawn'
        WHEN decision.seq IS NULL THEN 'waiting'
        WHEN json_extract(decision.body, '$.outcome') = 'declined' THEN 'declined'
        ELSE 'decided'
    END AS status,
    made.seq AS entry
FROM entry AS made
LEFT JOIN "decisions that stand" AS standing ON standing.referral = json_extract(made.body, '$.referral')
LEFT JOIN entry AS decision ON decision.seq = standing.entry
WHERE made.kind = 'referral made'
ORDER BY referral;

CREATE VIEW agreements AS
SELECT
    json_extract(body, '$.referral') AS referral,
    json_extract(body, '$.by') AS "by",
    json_extract(body, '$.on') AS "on",
    iif(kind = 'agreement signed', 'signed', 'withdrawn') AS agreement,
    seq AS entry
FROM entry WHERE kind IN ('agreement signed', 'agreement withdrawn') ORDER BY seq;

CREATE VIEW meetings AS
SELECT
    json_extract(opened.body, '$.meeting') AS meeting,
    json_extract(opened.body, '$.on') AS date,
    json_extract(opened.body, '$.chair') AS chair,
    json_extract(opened.body, '$.rulebook') AS rulebook,
    json_extract(opened.body, '$.edition') AS edition,
    json_array_length(opened.body, '$.agenda') AS on_the_agenda,
    (
        SELECT group_concat(school.value, ' ') FROM entry AS told JOIN json_each(told.body, '$.schools') AS school
        WHERE told.kind = 'meeting invited' AND json_extract(told.body, '$.meeting') = json_extract(opened.body, '$.meeting')
    ) AS invited,
    (
        SELECT group_concat(school.value, ' ') FROM entry AS came JOIN json_each(came.body, '$.schools') AS school
        WHERE came.kind = 'meeting attended' AND json_extract(came.body, '$.meeting') = json_extract(opened.body, '$.meeting')
    ) AS attended,
    (SELECT group_concat(word.value, ' ') FROM json_each(drawn.body, '$.words') AS word) AS words,
    json_extract(drawn.body, '$.seed') AS seed,
    json_extract(opened.body, '$.agenda_digest') AS agenda_digest,
    (
        SELECT count(*) FROM entry AS proposed
        WHERE proposed.kind = 'placements proposed' AND json_extract(proposed.body, '$.meeting') = json_extract(opened.body, '$.meeting')
    ) AS proposals,
    (
        SELECT count(*) FROM entry AS decided
        WHERE decided.kind = 'decision taken' AND json_extract(decided.body, '$.meeting') = json_extract(opened.body, '$.meeting')
    ) AS decisions,
    closed.seq AS closing_entry,
    opened.seq AS entry
FROM entry AS opened
LEFT JOIN entry AS drawn
    ON drawn.kind = 'meeting drawn' AND json_extract(drawn.body, '$.meeting') = json_extract(opened.body, '$.meeting')
LEFT JOIN entry AS closed
    ON closed.kind = 'meeting closed' AND json_extract(closed.body, '$.meeting') = json_extract(opened.body, '$.meeting')
WHERE opened.kind = 'meeting opened'
ORDER BY opened.seq;

CREATE VIEW proposals AS
WITH said (entry, meeting, date, referral, standing, school) AS (
    SELECT seq, json_extract(body, '$.meeting'), json_extract(body, '$.on'), one.key, 'placed', one.value
    FROM entry JOIN json_each(body, '$.placements') AS one WHERE kind = 'placements proposed'
    UNION ALL
    SELECT seq, json_extract(body, '$.meeting'), json_extract(body, '$.on'), one.value, 'unplaced', NULL
    FROM entry JOIN json_each(body, '$.unplaced') AS one WHERE kind = 'placements proposed'
    UNION ALL
    SELECT seq, json_extract(body, '$.meeting'), json_extract(body, '$.on'), one.value, 'held', NULL
    FROM entry JOIN json_each(body, '$.held') AS one WHERE kind = 'placements proposed'
)
SELECT said.entry, meeting, date, referral, standing, school, schools.name AS school_name
FROM said LEFT JOIN schools ON schools.urn = school
ORDER BY said.entry, referral;

CREATE VIEW decisions AS
SELECT
    json_extract(taken.body, '$.meeting') AS meeting,
    json_extract(taken.body, '$.on') AS date,
    json_extract(taken.body, '$.referral') AS referral,
    json_extract(taken.body, '$.pupil') AS pupil,
    json_extract(taken.body, '$.outcome') AS outcome,
    json_extract(taken.body, '$.school') AS school,
    (SELECT name FROM schools WHERE urn = json_extract(taken.body, '$.school')) AS school_name,
    json_extract(taken.body, '$.starts') AS starts,
    json_extract(taken.body, '$.proposal') AS proposal,
    (
        SELECT placed.value FROM entry AS proposed JOIN json_each(proposed.body, '$.placements') AS placed
        WHERE proposed.seq = json_extract(taken.body, '$.proposal') AND placed.key = json_extract(taken.body, '$.referral')
    ) AS proposed_school,
    json_extract(taken.body, '$.transport_pence') AS transport_pence,
    json_extract(taken.body, '$.over_number') AS over_number,
    taken.seq AS entry
FROM entry AS taken WHERE taken.kind = 'decision taken' ORDER BY taken.seq;

CREATE VIEW "who went where" AS
SELECT
    referral,
    json_extract(made.body, '$.pupil') AS pupil,
    json_extract(made.body, '$.year_group') AS year_group,
    json_extract(made.body, '$.referral_kind') AS kind,
    sender.urn AS from_school,
    (SELECT name FROM schools WHERE urn = sender.urn) AS from_name,
    json_extract(decision.body, '$.school') AS to_school,
    (SELECT name FROM schools WHERE urn = json_extract(decision.body, '$.school')) AS to_name,
    json_extract(decision.body, '$.starts') AS starts,
    json_extract(decision.body, '$.meeting') AS meeting,
    json_extract(decision.body, '$.outcome') AS outcome,
    iif(EXISTS (
        SELECT 1 FROM entry AS agreed
        WHERE agreed.kind = 'receiving school agreed' AND agreed.seq > decision.seq
            AND json_extract(agreed.body, '$.referral') = referral
    ), 'agreed', NULL) AS receiving_school,
    decision.seq AS entry
FROM "decisions that stand" AS standing
JOIN entry AS decision ON decision.seq = standing.entry
JOIN entry AS made ON made.kind = 'referral made' AND json_extract(made.body, '$.referral') = referral
JOIN (
    SELECT seq, coalesce(json_extract(body, '$.home_school'), json_extract(body, '$.excluded_by')) AS urn FROM entry
) AS sender ON sender.seq = made.seq
WHERE json_extract(decision.body, '$.school') IS NOT NULL
ORDER BY referral;

CREATE VIEW "answers of schools" AS
SELECT
    json_extract(body, '$.referral') AS referral,
    json_extract(body, '$.pupil') AS pupil,
    json_extract(body, '$.school') AS school,
    (SELECT name FROM schools WHERE urn = json_extract(body, '$.school')) AS school_name,
    iif(kind = 'receiving school agreed', 'agreed', 'refused') AS answer,
    json_extract(body, '$.on') AS "on",
    seq AS entry
FROM entry WHERE kind IN ('receiving school agreed', 'receiving school refused') ORDER BY seq;

CREATE VIEW "what became of it" AS
SELECT
    json_extract(body, '$.referral') AS referral,
    json_extract(body, '$.pupil') AS pupil,
    json_extract(body, '$.on') AS "on",
    kind AS what,
    json_extract(body, '$.by') AS "by",
    json_extract(body, '$.school') AS school,
    (SELECT name FROM schools WHERE urn = json_extract(body, '$.school')) AS school_name,
    json_extract(body, '$.until') AS until,
    json_extract(body, '$.end') AS "end",
    seq AS entry
FROM entry
WHERE kind IN (
    'family agreed', 'family refused', 'partner agreed', 'partner refused', 'information-sharing agreed',
    'information-sharing withdrawn', 'family told', 'governing board directed', 'governing board declined', 'notice given',
    'education started', 'placement started', 'placement reviewed', 'placement extended', 'placement made permanent',
    'placement ended', 'placement broken down'
)
ORDER BY seq;

CREATE VIEW "persons erased" AS
SELECT json_extract(body, '$.pupil') AS pupil, json_array_length(body, '$.parts') AS sealed_parts, recorded_at, seq AS entry
FROM entry WHERE kind = 'person erased' ORDER BY seq;

CREATE VIEW corrections AS
SELECT
    json_extract(said.body, '$.corrects') AS corrects,
    (SELECT kind FROM entry WHERE seq = json_extract(said.body, '$.corrects')) AS kind,
    json_extract(said.body, '$.pupil') AS pupil,
    json_extract(said.body, '$.on') AS "on",
    iif(json_extract(said.body, '$.body') IS NULL, 'should not be there', 'should say otherwise') AS that_entry,
    said.recorded_at,
    said.seq AS entry
FROM entry AS said WHERE said.kind = 'correction' ORDER BY said.seq;
