"""Dead letters read back: what there is, which are chosen, and how their events are sent anew."""
