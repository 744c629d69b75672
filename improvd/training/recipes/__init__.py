"""What makes the models that are shipped: etudes, teacher, books and cards."""
