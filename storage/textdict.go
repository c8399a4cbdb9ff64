package storage

import (
	"runtime"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// The dictionary of a column of an extent is stored in pages of equally many
// strings, so that few strings of a large one can be read, and in parts:
//
// Head:
//
//	number   strings
//	byte     form: 0 bytes, 1 lower-case hex digits, 2 upper-case
//	number   strings of a page
//	for each page: number (bytes stored), number (bytes of its strings), string
//	         (not greater than its first string, greater than the last of the
//	         page before)
//
// Strings: the pages, one after the other. A page is
//
//	byte     width of the lengths, 255: all have the same length
//	...      the length (number), or a section of lengths packed
//	section  the strings, one after the other; hex digits two to a byte
//
// Counts: how many rows have each string, as pages of numbers.
//
// Hex digits take half a byte each: checksums are the bulk of what a change
// log holds, and no general compressor does them better or as fast.
const pageTarget = 48 << 10 // bytes of strings of a page, about

// stringsPerPage is a power of two.
func stringsPerPage(d *dict) int {
	per := 1
	for per < 4096 && 2*per*d.textBytes() <= pageTarget*d.len() {
		per *= 2
	}
	return per
}

// encodeTextDict returns the head, and gives the pages to store, one after the
// other: together they are as large as the dictionary. A page is valid until
// the next one.
func encodeTextDict(d *dict, store func(page []byte) error) (head []byte, err error) {
	h := &writer{}
	n, form, per := d.len(), d.form(), stringsPerPage(d)
	h.uint(uint64(n))
	h.byte(form)
	h.uint(uint64(per))
	w := &writer{}
	for a := 0; a < n; a += per {
		b := min(a+per, n)
		w.b = w.b[:0]
		encodeDictPage(w, d, a, b, form)
		if err := store(w.b); err != nil {
			return nil, err
		}
		h.uint(uint64(len(w.b)))
		h.uint(uint64(int(d.offsets[b]-d.offsets[a]) * d.scale()))
		if a == 0 {
			h.string("")
		} else {
			h.string(separator(d.at(a-1), d.at(a)))
		}
	}
	return h.b, nil
}

// separator is the shortest string that is greater than a and not greater than
// b, which is greater than a.
func separator(a, b string) string {
	n := 0
	for n < len(a) && a[n] == b[n] {
		n++
	}
	return b[:n+1]
}

func encodeDictPage(w *writer, d *dict, a, b int, form byte) {
	longest, shortest := d.lengths(a, b)
	if longest == shortest {
		w.byte(sameLength)
		w.uint(uint64(longest))
	} else {
		width := packWidth(uint64(longest))
		w.byte(byte(width))
		w.section(pack(nil, b-a, width, func(i int) uint64 { return uint64(d.length(a + i)) }), goodCompression)
	}
	w.strings(d, a, b, form, goodCompression)
}

// textHead is the head of a dictionary.
type textHead struct {
	n, per int
	form   byte
	ends   []int    // of the pages as stored
	texts  []int    // ends of their strings
	firsts []string // not greater than the first string of each page
	bytes  int
}

func (h *textHead) size() int64 { return int64(h.bytes + 24*len(h.ends) + 64) }

func decodeTextHead(b []byte, most int) (*textHead, error) {
	r := &reader{b: b}
	h := &textHead{n: r.count(max(most, 1)), form: r.byte(), per: r.count(4096), bytes: len(b)}
	if r.err == nil && (h.n == 0 || h.per == 0 || h.form > dictHexUpper) {
		r.fail("dictionary")
	}
	end, text := 0, 0
	for a := 0; a < h.n && r.err == nil; a += h.per {
		end += r.count(maxStringBytes)
		text += r.count(maxStringBytes)
		h.ends, h.texts, h.firsts = append(h.ends, end), append(h.texts, text), append(h.firsts, r.string())
	}
	if text > maxStringBytes {
		r.fail("dictionary")
	}
	if err := r.done(); err != nil {
		return nil, err
	}
	if !slices.IsSorted(h.firsts) {
		return nil, corrupt("the pages of a dictionary are not in order")
	}
	return h, nil
}

// bounds are where page k is among the bytes of the pages.
func (h *textHead) bounds(k int) (a, b int) {
	if k > 0 {
		a = h.ends[k-1]
	}
	return a, h.ends[k]
}

// strings is how many page k has.
func (h *textHead) strings(k int) int { return min(h.per, h.n-k*h.per) }

// pageOf is the only page that may have s.
func (h *textHead) pageOf(s string) int {
	return max(0, sort.Search(len(h.firsts), func(i int) bool { return h.firsts[i] > s })-1)
}

// textPage is some strings of a dictionary. Hex digits of equal length stay
// packed, which halves what the cache holds.
type textPage struct {
	n       int
	offsets []int32 // nil: all have the same length
	length  int
	data    []byte
	hex     byte // data is digits, packed: of this form; 0 where it is bytes
}

func (p *textPage) size() int64 { return int64(4*len(p.offsets) + len(p.data) + 96) }

// decodeTextPage reads a page of n strings.
func decodeTextPage(b []byte, n int, form byte) (*textPage, error) {
	r := &reader{b: b}
	p := &textPage{n: n}
	width := int(r.byte())
	total := 0
	switch {
	case width == sameLength:
		p.length = r.count(maxStringBytes)
		if n*p.length > maxStringBytes {
			r.fail("dictionary")
		}
		total = n * p.length
	case width > 31:
		r.fail("dictionary")
	default:
		lengths := r.section(packedSize(n, width))
		if r.err == nil {
			p.offsets = make([]int32, n+1)
			unpack(p.offsets[1:], lengths, width, 0, 1)
			sumUp(r, p.offsets)
			total = int(p.offsets[n])
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	if form == dictBytes {
		p.data = r.section(total)
		return p, r.done()
	}
	packed := r.section((total + 1) / 2)
	if err := r.done(); err != nil {
		return nil, err
	}
	if p.offsets == nil && p.length%2 == 0 {
		p.data, p.hex = packed, form
		return p, nil
	}
	p.data = unpackHex(packed, total, form)
	return p, nil
}

// append appends string i.
func (p *textPage) append(dst []byte, i int) []byte {
	if p.hex != dictBytes {
		at := len(dst)
		dst = slices.Grow(dst, p.length)[:at+p.length]
		writeHex(dst[at:], p.data[i*p.length/2:(i+1)*p.length/2], p.hex)
		return dst
	}
	a, b := i*p.length, (i+1)*p.length
	if p.offsets != nil {
		a, b = int(p.offsets[i]), int(p.offsets[i+1])
	}
	return append(dst, p.data[a:b]...)
}

// find returns the place of s in the page.
func (p *textPage) find(s string) (int, bool) {
	var buf []byte
	i := sort.Search(p.n, func(i int) bool {
		buf = p.append(buf[:0], i)
		return string(buf) >= s
	})
	if i == p.n {
		return i, false
	}
	return i, string(p.append(buf[:0], i)) == s
}

// joinPages makes one dictionary of all pages, by as many goroutines as there
// are cores where it is large.
func joinPages(h *textHead, stored []byte) (*dict, error) {
	last := len(h.ends) - 1
	if h.ends[last] != len(stored) {
		return nil, corrupt("the pages of the dictionary take %d bytes, not %d", h.ends[last], len(stored))
	}
	offsets, data := make([]int32, h.n+1), make([]byte, h.texts[last])
	var next atomic.Int64
	var failed atomic.Value
	work := func() {
		for {
			k := int(next.Add(1)) - 1
			if k > last || failed.Load() != nil {
				return
			}
			a, b := h.bounds(k)
			start := 0
			if k > 0 {
				start = h.texts[k-1]
			}
			first := k * h.per
			if err := decodeInto(stored[a:b], h.form, offsets[first:first+h.strings(k)+1], start, data[start:h.texts[k]]); err != nil {
				failed.Store(err)
			}
		}
	}
	var others sync.WaitGroup
	if len(data) > 1<<20 {
		for range min(runtime.GOMAXPROCS(0), 8) - 1 {
			others.Add(1)
			go func() { defer others.Done(); work() }()
		}
	}
	work()
	others.Wait()
	if err, ok := failed.Load().(error); ok {
		return nil, err
	}
	return newDict(offsets, data), nil
}

// decodeInto reads a page into the place that its strings have among all: the
// ends of them into offsets[1:], counted from start.
func decodeInto(b []byte, form byte, offsets []int32, start int, data []byte) error {
	p, err := decodeTextPage(b, len(offsets)-1, form)
	if err != nil {
		return err
	}
	if p.hex != dictBytes && 2*len(p.data) == len(data) {
		writeHex(data, p.data, p.hex)
	} else if p.hex != dictBytes {
		return corrupt("a page of the dictionary has %d digits, not %d", 2*len(p.data), len(data))
	} else if len(p.data) == len(data) {
		copy(data, p.data)
	} else {
		return corrupt("a page of the dictionary has %d bytes, not %d", len(p.data), len(data))
	}
	// offsets[0] belongs to the page before.
	for i := 1; i < len(offsets); i++ {
		if p.offsets != nil {
			offsets[i] = int32(start) + p.offsets[i]
		} else {
			offsets[i] = int32(start + i*p.length)
		}
	}
	return nil
}

// dict returns the strings as a dictionary of their own.
func (p *textPage) dict() *dict {
	offsets := make([]int32, 1, p.n+1)
	data := make([]byte, 0, len(p.data)*2)
	for i := range p.n {
		data = p.append(data, i)
		offsets = append(offsets, int32(len(data)))
	}
	return newDict(offsets, data)
}
