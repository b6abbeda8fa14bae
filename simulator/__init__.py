"""A shop with known truth: what it sends is realistic, dirty, and labelled with what is wrong."""
