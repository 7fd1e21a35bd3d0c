"""How a meeting sat: who was told, who came, who voted, and whether its decisions stand."""
