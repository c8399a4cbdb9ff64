package storage

// pageReader reads pages of a dictionary. It keeps the piece that it has read
// last, in which the next page begins if pages are read one after the other.
type pageReader struct {
	c     storedColumn
	h     *textHead
	bytes []byte
	piece int // which one bytes are, where there are any
	run   int // pieces read one after the other until now
}

// page returns page k.
func (r *pageReader) page(k int) (*textPage, error) {
	return get1(r.c, cachedText, k, func() (*textPage, error) {
		const size = textPieceSize
		a, b := r.h.bounds(k)
		stored := make([]byte, 0, b-a)
		for a < b {
			i := a / size
			if err := r.load(i); err != nil {
				return nil, err
			}
			end := min(b, i*size+len(r.bytes))
			if end <= a {
				return nil, corrupt("the dictionary is too short")
			}
			stored = append(stored, r.bytes[a-i*size:end-i*size]...)
			a = end
		}
		return decodeTextPage(stored, r.h.strings(k), r.h.form)
	})
}

// fetch has the pages of codes, which are in ascending order, brought from disk.
func (r *pageReader) fetch(codes []int32) {
	all := r.c.m.parts.pieces[partText]
	var ps []piece
	next, last := 0, -1
	for _, code := range codes {
		k := int(code) / r.h.per
		if k == last {
			continue
		}
		last = k
		if r.c.u.scan.src.t.store.cache.peek(r.c.key(cachedText, k)) != nil {
			continue
		}
		a, b := r.h.bounds(k)
		for i := max(next, a/textPieceSize); i*textPieceSize < b && i < len(all); i++ {
			ps, next = append(ps, all[i]), i+1
		}
	}
	r.c.u.scan.src.t.store.fetch(ps)
}

// load makes a piece the one that is kept.
func (r *pageReader) load(i int) error {
	switch {
	case r.bytes != nil && i == r.piece:
		return nil
	case r.bytes != nil && i == r.piece+1:
		r.run++
	default:
		r.run = 0
	}
	var err error
	t := r.c.u.scan.src.t
	r.bytes, err = r.c.u.extent.appendPiece(r.bytes[:0], t.store.db, t.id, r.c.def.ID, partText, i, min(r.run, 8))
	if err != nil {
		return err
	}
	r.piece = i
	r.c.u.scan.read.Add(int64(len(r.bytes)))
	return nil
}

// find returns the code of a string, reading one page.
func (c storedColumn) find(s string) (code int32, ok bool, err error) {
	if d := c.haveDict(); d != nil {
		code, ok = d.find(s)
		return code, ok, nil
	}
	h, err := c.head()
	if err != nil {
		return 0, false, err
	}
	k := h.pageOf(s)
	r := &pageReader{c: c, h: h}
	p, err := r.page(k)
	if err != nil {
		return 0, false, err
	}
	i, ok := p.find(s)
	return int32(k*h.per + i), ok, nil
}

// strings returns the strings of codes, which are in ascending order.
func (c storedColumn) strings(codes []int32) (*dict, error) {
	h, err := c.head()
	if err != nil {
		return nil, err
	}
	offsets := make([]int32, 1, len(codes)+1)
	data := make([]byte, 0, len(codes)*(h.texts[len(h.texts)-1]/h.n+4))
	r := &pageReader{c: c, h: h}
	r.fetch(codes)
	var p *textPage
	at := -1
	for _, code := range codes {
		if k := int(code) / h.per; k != at {
			if p, err = r.page(k); err != nil {
				return nil, err
			}
			at = k
		}
		data = p.append(data, int(code)%h.per)
		offsets = append(offsets, int32(len(data)))
	}
	return newDict(offsets, data), nil
}
