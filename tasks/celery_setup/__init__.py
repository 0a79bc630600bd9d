"""What adapts Celery: its transport, consumer, loader, results, signatures, Flower's pages.

What may be changed here: how Celery runs; what it runs is in `tasks`.
"""
