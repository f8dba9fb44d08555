"""Counting inside engines that people live in already: each adapter imports its engine on use."""
