"""What a set is: frozen values, one file a department."""
