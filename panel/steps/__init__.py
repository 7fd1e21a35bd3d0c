"""What people do, step by step: the one place where the clock, salts and a writer's name come in."""
