"""What is said by itself from the waiting list to the time after therapy, and when."""
