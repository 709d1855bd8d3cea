"""A server of one's own that embeds: Ollama, llama.cpp, vLLM and others with OpenAI's wire."""
