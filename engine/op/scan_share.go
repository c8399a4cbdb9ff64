package op

import (
	"context"
	"io"
	"sync"

	"tidemark/table"
)

// sharedScan is a source's scan that several streams take blocks from. Blocks
// of an extent go to one stream as long as there are extents enough, so that
// what is learnt of an extent's dictionaries is learnt once.
type sharedScan struct {
	scan table.Scan
	env  *Env

	mu    sync.Mutex
	open  int
	ended bool
	kept  []keptBlocks // of extents that a stream works on
}

// keptBlocks are blocks that came up while another stream asked.
type keptBlocks struct {
	extent any
	blocks []table.Block
}

func (s *sharedScan) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open--; s.open > 0 {
		return nil
	}
	s.env.Stats.add(s.scan.Stats())
	return s.scan.Close()
}

// homedBlock knows what extent it is of.
type homedBlock interface {
	// Extent is the same for all blocks of an extent, and no others.
	Extent() any
}

func extentOf(b table.Block) any {
	if h, ok := b.(homedBlock); ok {
		return h.Extent()
	}
	return nil
}

// nextBlock gives a block of the extent that the stream is at; then one of an
// extent that nobody is at; and at the end whatever is left.
func (s *scanStream) nextBlock(ctx context.Context) (table.Block, error) {
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	return s.shared.next(ctx, &s.extent)
}

func (s *sharedScan) next(ctx context.Context, at *any) (table.Block, error) {
	if *at != nil {
		if k := s.of(*at); k != nil && len(k.blocks) > 0 {
			return k.take(), nil
		}
	}
	for !s.ended {
		b, err := s.scan.Next(ctx)
		if err == io.EOF {
			s.ended = true
			break
		}
		if err != nil {
			return nil, err
		}
		e := extentOf(b)
		if e == nil || e == *at {
			return b, nil
		}
		if k := s.of(e); k != nil {
			k.blocks = append(k.blocks, b)
			continue
		}
		s.leave(*at)
		*at = e
		s.kept = append(s.kept, keptBlocks{extent: e})
		return b, nil
	}
	for i := range s.kept {
		if k := &s.kept[i]; len(k.blocks) > 0 {
			return k.take(), nil
		}
	}
	return nil, io.EOF
}

// of returns what is kept of an extent that a stream is at, or nil.
func (s *sharedScan) of(extent any) *keptBlocks {
	for i := range s.kept {
		if s.kept[i].extent == extent {
			return &s.kept[i]
		}
	}
	return nil
}

// leave forgets an extent all blocks of which are done or under way.
func (s *sharedScan) leave(extent any) {
	for i := range s.kept {
		if k := &s.kept[i]; k.extent == extent && len(k.blocks) == 0 {
			last := len(s.kept) - 1
			s.kept[i] = s.kept[last]
			s.kept[last] = keptBlocks{}
			s.kept = s.kept[:last]
			return
		}
	}
}

func (k *keptBlocks) take() table.Block {
	b := k.blocks[0]
	k.blocks = k.blocks[1:]
	return b
}
