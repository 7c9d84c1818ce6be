"""The side of the IO benchmark that runs in the lab's guest."""
