package storage

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tidemark/table"
)

// hexParts are strings of batches: hex digits that can be packed, and what they
// meet in other batches of their column.
var hexParts = map[string][]string{
	"lower":  {"0a", "", "ffee", "0a0b", strings.Repeat("9c", 32), "ffee"},
	"upper":  {"0A", "FFEE", "", "A0"},
	"digits": {"01", "1234", "99"},
	"odd":    {"abc", "ab"},
	"text":   {"zebra", "0a", "-"},
	"empty":  {"", ""},
	"same":   {"beef", "beef"},
}

// TestPackedDictionaries: columns whose dictionaries are packed are stored as
// those that are not, byte for byte, whatever they are merged with.
func TestPackedDictionaries(t *testing.T) {
	for a, first := range hexParts {
		for b, second := range hexParts {
			for _, typ := range []table.Type{table.String, table.Guid} {
				t.Run(fmt.Sprint(a, "+", b, " ", typ), func(t *testing.T) {
					var packed, plain []*column
					var want []string
					for _, part := range [][]string{first, second} {
						var values []any
						for i, s := range part {
							if typ != table.String && i == 1 {
								values, want = append(values, nil), append(want, "null")
								continue
							}
							values, want = append(values, s), append(want, fmt.Sprint(s))
						}
						c := packedFrom(t, typ, values)
						chunk := encodeChunk(c, fastCompression)
						p, err := decodeChunkAs(chunk, c.phys, c.n, true)
						if err != nil {
							t.Fatal(err)
						}
						q, err := decodeChunk(chunk, c.phys, c.n)
						if err != nil {
							t.Fatal(err)
						}
						if !bytes.Equal(encodeChunk(q, fastCompression), chunk) || !bytes.Equal(encodeChunk(p, fastCompression), chunk) {
							t.Error("the chunk differs when it is encoded again")
						}
						packed, plain = append(packed, p), append(plain, q)
					}
					m, n := mergeColumns(table.Strings, packed), mergeColumns(table.Strings, plain)
					if m.constant || n.constant {
						return // of one string
					}
					x, xa := allParts(t, m)
					y, ya := allParts(t, n)
					for part := range x {
						if !bytes.Equal(x[part], y[part]) {
							t.Errorf("part %d differs", part)
						}
					}
					if xa != ya {
						t.Errorf("characters %v, want %v", xa, ya)
					}
					if !newZone(m).all.same(newZone(n).all, table.Strings) {
						t.Error("ranges differ")
					}
					cut := m.cut(1, m.n)
					c, err := decodeChunk(encodeChunk(cut, goodCompression), m.phys, cut.n)
					if err != nil {
						t.Fatal(err)
					}
					var got []string
					for i := range c.n {
						if c.isNull(i) {
							got = append(got, "null")
						} else {
							got = append(got, c.dict.at(int(c.code(i))))
						}
					}
					if !slices.Equal(got, want[1:]) {
						t.Errorf("rows %q, want %q", got, want[1:])
					}
				})
			}
		}
	}
}

func TestHexForm(t *testing.T) {
	for s, want := range map[string]byte{
		"": dictBytes, "0": dictHexLower, "0123456789abcdef": dictHexLower, "ABCDEF0123": dictHexUpper,
		"aB": dictBytes, "0123456789abcdeF": dictBytes, "0123456x": dictBytes, "abcdefgh": dictBytes, "ab\x00d": dictBytes,
	} {
		if got := hexForm([]byte(s)); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
		if want == dictBytes {
			continue
		}
		if got := unpackHex(packHex([]byte(s)), len(s), want); string(got) != s {
			t.Errorf("%q comes back as %q", s, got)
		}
	}
}

// allParts are the parts of a column, pages of the dictionary too.
func allParts(t testing.TB, c *column) ([partCount][]byte, alphabet) {
	t.Helper()
	var text []byte
	parts, a, err := encodeParts(c, nil, &writer{}, func(page []byte) error { text = append(text, page...); return nil })
	if err != nil {
		t.Fatal(err)
	}
	parts[partText] = text
	return parts, a
}
