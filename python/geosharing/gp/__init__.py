"""Running tools: environments, messages, results and findings."""

logHistory = True
"""Whether tools are written to a history; there is none here, scripts set it nevertheless."""
