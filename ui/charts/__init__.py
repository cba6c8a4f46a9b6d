"""Charts in the program's look, over pyqtgraph. Import a module only where a chart is made: it costs 0.25 s."""
