"""LLaMA, exactly as published: from token shards to a trained model and text from it."""
