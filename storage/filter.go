package storage

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"tidemark/internal/fold"
)

// A filter says which pages of a dictionary may have a string with a term or a
// part. It is a Bloom filter for each page, over the terms of its strings and
// over their parts of three bytes, both without case (see internal/fold):
//
//	byte     1: terms, 2: parts, 3: both
//	for each page: number (words), words of 8 bytes, little-endian
const (
	filterTerms = 1
	filterParts = 2
)

const (
	filterLeast  = 256 // strings; of fewer all are tested
	filterBits   = 10  // of a filter for each thing in it
	filterProbes = 4
)

// textFilter is a filter as it is read.
type textFilter struct {
	kinds byte
	pages [][]byte // words
	bytes int
}

func (f *textFilter) size() int64 { return int64(f.bytes + 24*len(f.pages) + 48) }

// encodeFilter returns the filter of a dictionary; nil where it does not pay.
// Hex digits have none: every part of three occurs everywhere.
func encodeFilter(d *dict) []byte {
	if d.len() < filterLeast || d.form() != dictBytes {
		return nil
	}
	per := stringsPerPage(d)
	// Parts pay where they are not a multiple of what they save reading.
	for _, kinds := range []byte{filterTerms | filterParts, filterTerms} {
		w := &writer{}
		w.byte(kinds)
		x := &filterPage{kinds: kinds}
		for a := 0; a < d.len(); a += per {
			x.page(d, a, min(a+per, d.len()))
			w.uint(uint64(len(x.words)))
			for _, v := range x.words {
				w.u64(v)
			}
		}
		if len(w.b) <= len(d.data)/3 {
			return w.b
		}
	}
	return nil
}

// filterPage collects what a page has.
type filterPage struct {
	kinds  byte
	hashes []uint64
	seen   [1 << 13]uint64 // hashes of late, to leave most that come again out
	words  []uint64
	folded []byte
}

func (x *filterPage) add(h uint64) {
	if at := &x.seen[h%uint64(len(x.seen))]; *at != h {
		*at = h
		x.hashes = append(x.hashes, h)
	}
}

// page makes the filter of strings [a,b).
func (x *filterPage) page(d *dict, a, b int) {
	x.hashes = x.hashes[:0]
	clear(x.seen[:])
	for i := a; i < b; i++ {
		x.folded = fold.Append(x.folded[:0], d.at(i))
		if x.kinds&filterTerms != 0 {
			s := d.at(i)
			fold.Terms(s, func(p, q int) { x.add(termHash(s[p:q])) })
		}
		if x.kinds&filterParts != 0 {
			for k := 0; k+3 <= len(x.folded); k++ {
				x.add(partHash(x.folded[k:]))
			}
		}
	}
	n := (len(x.hashes)*filterBits + 63) / 64
	x.words = append(x.words[:0], make([]uint64, n)...)
	for _, h := range x.hashes {
		probes(h, n, func(word int, bit uint64) bool { x.words[word] |= bit; return true })
	}
}

// probes calls f for the places of a hash in a filter, while it is true.
func probes(h uint64, words int, f func(word int, bit uint64) bool) bool {
	if words == 0 {
		return false
	}
	step := bits.RotateLeft64(h, 32) | 1
	for range filterProbes {
		at, _ := bits.Mul64(h, uint64(words)*64)
		if !f(int(at/64), 1<<(at%64)) {
			return false
		}
		h += step
	}
	return true
}

// termHash is of a term as it is written.
func termHash(s string) uint64 {
	var buf [64]byte
	return xxhash.Sum64(fold.Append(buf[:0], s))
}

func partHash(b []byte) uint64 {
	h := (uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | 1<<24) * 0x9E3779B97F4A7C15
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	return h ^ h>>32
}

func decodeFilter(b []byte, pages int) (*textFilter, error) {
	r := &reader{b: b}
	f := &textFilter{kinds: r.byte(), bytes: len(b)}
	for k := 0; k < pages && r.err == nil; k++ {
		f.pages = append(f.pages, r.take(8*uint64(r.count(maxStringBytes))))
	}
	return f, r.done()
}

// has reports whether page k may have all of some hashes.
func (f *textFilter) has(k int, hashes []uint64) bool {
	words := f.pages[k]
	for _, h := range hashes {
		if !probes(h, len(words)/8, func(word int, bit uint64) bool {
			return binary.LittleEndian.Uint64(words[8*word:])&bit != 0
		}) {
			return false
		}
	}
	return true
}

// wanted is what every string has that a text is looked for in.
type wanted struct {
	terms, parts []uint64
	letters      alphabet
}

// edges say at which ends a text that is found begins or ends a term.
type edges struct{ left, right bool }

// want adds what a text tells. Texts that are not UTF-8 tell nothing: they may
// be found inside of characters.
func (x *wanted) want(text string, e edges) {
	if !utf8.ValidString(text) || text == "" {
		return
	}
	folded := fold.Append(nil, text)
	x.letters.add(folded)
	for k := 0; k+3 <= len(folded); k++ {
		x.parts = append(x.parts, partHash(folded[k:]))
	}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return // what is a letter may differ between cases
		}
	}
	fold.Terms(text, func(a, b int) {
		if (a > 0 || e.left) && (b < len(text) || e.right) {
			x.terms = append(x.terms, termHash(text[a:b]))
		}
	})
}

// hashes are those that a filter can be asked for.
func (x *wanted) hashes(f *textFilter) (all []uint64) {
	if f.kinds&filterTerms != 0 {
		all = append(all, x.terms...)
	}
	if f.kinds&filterParts != 0 {
		all = append(all, x.parts...)
	}
	return all
}

// alphabet is the bytes that the strings of a dictionary have without case:
// ASCII ones each, the others together.
type alphabet struct {
	ascii [2]uint64
	other bool
}

func (a *alphabet) add(folded []byte) {
	for _, c := range folded {
		if c >= utf8.RuneSelf {
			a.other = true
		} else {
			a.ascii[c>>6] |= 1 << (c & 63)
		}
	}
}

// lacks reports that a has not all of b.
func (a alphabet) lacks(b alphabet) bool {
	return b.ascii[0]&^a.ascii[0] != 0 || b.ascii[1]&^a.ascii[1] != 0 || b.other && !a.other
}

// digitsOf are the digits of packed bytes of a form.
func digitsOf(packed *[256]bool, form byte) (seen [256]bool) {
	digits := digitsIn(form)
	for b, ok := range packed {
		if ok {
			seen[digits[b>>4]], seen[digits[b&15]] = true, true
		}
	}
	return seen
}

func alphabetOf(d *dict) (a alphabet) {
	var seen [256]bool
	for _, c := range d.data {
		seen[c] = true
	}
	if d.hex != dictBytes {
		seen = digitsOf(&seen, d.hex)
	}
	for c, ok := range seen {
		switch {
		case !ok:
		case c >= utf8.RuneSelf:
			a = alphabet{}
			a.add(fold.Append(nil, string(d.data)))
			return a
		default:
			a.add(fold.Append(nil, string(rune(c))))
		}
	}
	return a
}
