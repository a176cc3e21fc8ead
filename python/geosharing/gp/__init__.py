"""Running tools: environments, messages, results and findings."""
