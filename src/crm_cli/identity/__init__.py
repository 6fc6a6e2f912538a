"""When two entries may be one customer: keys that decide, likeness that proposes. Pure; heavy parts load late."""
