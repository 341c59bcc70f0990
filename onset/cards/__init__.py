"""What a card is: whose camera wrote it, what each clip must have beside it, whether its format is the production's."""
