package ingest

import (
	"errors"
	"strconv"
	"strings"

	"tidemark/internal/dyn"
)

// path leads to a value inside of a record: names of members, and places of
// elements of arrays.
type path []step

type step struct {
	key   string
	index int // of an element; -1 where the step is a key
}

// parsePath reads a.b[0]['c.d'], with or without $. before it.
func parsePath(text string) (path, error) {
	rest := strings.TrimPrefix(text, "$")
	if rest != text {
		rest = strings.TrimPrefix(rest, ".")
	}
	var p path
	for first := true; rest != ""; first = false {
		var s step
		var err error
		switch {
		case rest[0] == '[':
			s, rest, err = parseIndex(rest[1:])
		default:
			if rest[0] == '.' && !first {
				rest = rest[1:]
			}
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			s, rest = step{rest[:end], -1}, rest[end:]
			if s.key == "" {
				err = errors.New("a name is missing")
			}
		}
		if err != nil {
			return nil, err
		}
		p = append(p, s)
	}
	if p == nil {
		return nil, errors.New("it is empty")
	}
	return p, nil
}

// parseIndex reads what stands in brackets, behind the first one.
func parseIndex(rest string) (step, string, error) {
	if rest != "" && (rest[0] == '\'' || rest[0] == '"') {
		end := strings.Index(rest[1:], rest[:1]+"]")
		if end < 0 {
			return step{}, "", errors.New("a quote is not closed")
		}
		return step{rest[1 : 1+end], -1}, rest[end+3:], nil
	}
	inside, after, ok := strings.Cut(rest, "]")
	i, err := strconv.Atoi(inside)
	if !ok || err != nil || i < 0 {
		return step{}, "", errors.New("brackets hold the place of an element, from 0, or a name in quotes")
	}
	return step{"", i}, after, nil
}

// dotted is the path as one name, empty where it cannot be one: many records
// have names with points in them.
func (p path) dotted() string {
	var keys []string
	for _, s := range p {
		if s.index >= 0 {
			return ""
		}
		keys = append(keys, s.key)
	}
	return strings.Join(keys, ".")
}

// from returns the value that the path leads to, nil where there is none. A
// member that it takes whole is not left for AdditionalFields.
func (p path) from(d *doc, whole string) *dyn.Field {
	if whole != "" && len(p) > 1 && d.find(whole) >= 0 {
		return d.takeField(whole)
	}
	keys := make([]string, 0, 8)
	for _, s := range p {
		if s.index >= 0 {
			break
		}
		keys = append(keys, s.key)
	}
	if len(keys) == len(p) {
		return d.takeField(keys...)
	}
	i := d.find(keys...)
	if i < 0 || len(keys) == 0 {
		return nil
	}
	f := &d.nodes[i].Field
	for _, s := range p[len(keys):] {
		if f = s.of(f); f == nil {
			return nil
		}
	}
	if f.Kind == dyn.KindNull {
		return nil
	}
	return f
}

// of returns the member or element of a value.
func (s step) of(f *dyn.Field) *dyn.Field {
	var inner dyn.Splitter
	switch {
	case s.index >= 0 && f.Kind == dyn.KindArray:
		if all, err := inner.Array(f.Text, nil); err == nil && s.index < len(all) {
			return &all[s.index]
		}
	case s.index < 0 && f.Kind == dyn.KindObject:
		if all, err := inner.Object(f.Text, nil); err == nil {
			return member(all, s.key)
		}
	}
	return nil
}
