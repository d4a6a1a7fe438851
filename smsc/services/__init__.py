"""What answers at special numbers: pure decisions about messages, which the engine carries out."""
