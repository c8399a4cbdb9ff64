package sketch

import (
	"strconv"
	"strings"
)

// reader takes the JSON text of a sketch apart from front to back, without a
// tree or copies. It knows the little of JSON that sketches need: compact text,
// as all dynamic values are, and arrays of numbers and of strings without
// escapes.
type reader struct {
	rest string
	ok   bool
}

// take passes over what must come next.
func (r *reader) take(text string) {
	if !strings.HasPrefix(r.rest, text) {
		r.ok = false
		return
	}
	r.rest = r.rest[len(text):]
}

// done tells whether all was as it must be, to the end.
func (r *reader) done() bool { return r.ok && r.rest == "" }

// more passes over what stands before the next of an array's elements, of which
// so many have been read; at the end of the array it passes over that.
func (r *reader) more(read int) bool {
	switch {
	case !r.ok || r.rest == "":
		r.ok = false
	case r.rest[0] == ']':
		r.rest = r.rest[1:]
	case read == 0:
		return true
	case r.rest[0] == ',':
		r.rest = r.rest[1:]
		return true
	default:
		r.ok = false
	}
	return false
}

// element reads a number or the text of a string.
func (r *reader) element() string {
	if strings.HasPrefix(r.rest, `"`) {
		text, rest, found := strings.Cut(r.rest[1:], `"`)
		r.rest, r.ok = rest, r.ok && found
		return text
	}
	end := 0
	for end < len(r.rest) && r.rest[end] != ',' && r.rest[end] != ']' {
		end++
	}
	text := r.rest[:end]
	r.rest = r.rest[end:]
	return text
}

// numbers appends the elements of an array, whose bracket has been passed.
func (r *reader) numbers(to []float64) []float64 {
	for n := 0; r.more(n); n++ {
		text := r.element()
		v, ok := whole(text)
		if !ok {
			var err error
			if v, err = strconv.ParseFloat(text, 64); err != nil {
				r.ok = false
			}
		}
		to = append(to, v)
	}
	return to
}

// whole reads a few digits, as most means and weights are.
func whole(text string) (v float64, ok bool) {
	const most = 15 // digits that a real holds for sure
	if len(text) == 0 || len(text) > most {
		return 0, false
	}
	n := 0
	for i := range len(text) {
		c := text[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = 10*n + int(c)
	}
	return float64(n), true
}
