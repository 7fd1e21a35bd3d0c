"""`make tamper`."""

import sys

from tests.attacks.whole import main

if __name__ == "__main__":
    sys.exit(main())
