"""A synthetic province: agency schemas, population, live changes, and the truth behind them."""
