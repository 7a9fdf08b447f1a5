"""How dates are written where Django writes them otherwise than the panel's pages do, a module a language."""
