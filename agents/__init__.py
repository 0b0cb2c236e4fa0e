"""Who answers: orchestrator, agents, house model and the ensemble of language models; below the gateway, above business."""
