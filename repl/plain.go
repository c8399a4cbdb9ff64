package repl

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// plain reads lines from a pipe, or a terminal that cannot edit them.
type plain struct {
	r       *bufio.Reader
	prompts io.Writer // nil writes none
}

func newPlain(r io.Reader, prompts io.Writer) *plain {
	return &plain{bufio.NewReader(r), prompts}
}

func (p *plain) Read(prompt string) (string, error) {
	if p.prompts != nil {
		io.WriteString(p.prompts, prompt)
	}
	line, err := p.r.ReadString('\n')
	if line != "" && errors.Is(err, io.EOF) { // the last line has no end
		err = nil
	}
	return strings.TrimPrefix(strings.TrimRight(line, "\r\n"), "\ufeff"), err
}

func (p *plain) Remember(string) error { return nil }
func (p *plain) Close() error          { return nil }
