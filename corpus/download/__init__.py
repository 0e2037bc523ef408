"""Raw dumps from the hosts that publish them: resumable, checked, polite."""
