"""What a person or a job asks the product to do: one function per use case."""
