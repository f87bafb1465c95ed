"""What a worker does beside waiting for rings: its rounds, each of them small, and the threads that make them."""
