package storage

import (
	"context"
	"errors"
	"io"

	"tidemark/table"
)

// part reads one unit of a scan.
type part struct {
	scan  *scan
	unit  *unit
	begun bool
	ready []task
}

// Parts gives a reader of each extent and of each entry of the tail, in the
// order of rows, instead of Next. Each may be used by another goroutine. Nil
// where a number of rows is enough, for they are counted in one place.
func (s *scan) Parts() []table.BlockReader {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.req.Limit > 0 {
		return nil
	}
	out := make([]table.BlockReader, len(s.units))
	for i, u := range s.units {
		out[i] = &part{scan: s, unit: u}
	}
	s.units = nil
	return out
}

// Next returns the next block of the unit.
func (p *part) Next(ctx context.Context) (table.Block, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if p.scan.isClosed() {
			return nil, errors.New("next block: the scan is closed")
		}
		if !p.begun {
			p.begun = true
			var err error
			if p.ready, err = p.unit.tasks(); err != nil {
				return nil, err
			}
			continue
		}
		if len(p.ready) == 0 {
			return nil, io.EOF
		}
		t := p.ready[0]
		p.ready = p.ready[1:]
		if t.test == nil {
			b := &block{unit: t.unit, a: t.a, b: t.b, rows: t.rows}
			p.scan.count(func(s *table.ScanStats) { s.RowsScanned += int64(b.Rows()) })
			return b, nil
		}
		blocks, err := t.blocks()
		if err != nil {
			return nil, err
		}
		p.ready = append(blocks, p.ready...)
	}
}

func (s *scan) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// Stats counts what has been done so far. Entries of the tail count as extents.
func (s *scan) Stats() table.ScanStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.stats
	st.BytesRead = s.read.Load()
	return st
}
