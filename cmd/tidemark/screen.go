package main

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"

	"tidemark/output"
	"tidemark/parser"
)

// isTerminal reports whether a stream of the program is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// screen describes standard output, and whether it is a terminal.
func screen(e *env) (output.Options, bool) {
	if !isTerminal(e.out) {
		return output.Options{}, false
	}
	width, _, err := term.GetSize(int(e.out.(*os.File).Fd()))
	if err != nil || width <= 0 {
		if width, err = strconv.Atoi(e.getenv("COLUMNS")); err != nil || width <= 0 {
			width = 80
		}
	}
	return output.Options{Width: width, Terminal: true, Color: colors(e)}, true
}

// colors reports whether bold and dim text is wanted, see https://no-color.org.
func colors(e *env) bool {
	return e.getenv("NO_COLOR") == "" && e.getenv("TERM") != "dumb"
}

// printDiagnostics shows errors and warnings with the lines they are about.
func printDiagnostics(w io.Writer, text string, es parser.Errors) {
	for _, err := range es {
		io.WriteString(w, output.CleanLines(err.Render(text, output.CleanWidth)))
	}
}
