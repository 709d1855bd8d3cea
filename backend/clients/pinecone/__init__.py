"""Pinecone's vector index."""
