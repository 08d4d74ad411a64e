"""Question to answer: retrieve passages, highlight the sentence that answers, cite where it stands."""
