"""What the business knows (corpus) and what it learns (learning). Never imports business."""
