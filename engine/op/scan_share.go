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
	node *scan
	scan table.Scan
	env  *Env

	mu   sync.Mutex
	open int
	kept []keptBlocks // of extents that a stream works on
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
	s.env.Stats.add(s.node, s.scan.Stats())
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
// extent that nobody is at; and at the end whatever is left. The source is
// asked without the lock, for it may have to look into an extent first.
func (s *scanStream) nextBlock(ctx context.Context) (table.Block, error) {
	for {
		if b := s.shared.mine(s.extent); b != nil {
			return b, nil
		}
		b, err := s.shared.scan.Next(ctx)
		if err == io.EOF {
			return s.shared.left()
		}
		if err != nil {
			return nil, err
		}
		e := extentOf(b)
		if e == nil || e == s.extent {
			return b, nil
		}
		if s.shared.keep(b, e) {
			continue
		}
		s.shared.leave(s.extent)
		s.extent = e
		return b, nil
	}
}

// mine returns a block that is kept of an extent, or nil.
func (s *sharedScan) mine(extent any) table.Block {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.of(extent); k != nil && len(k.blocks) > 0 {
		return k.take()
	}
	return nil
}

// keep keeps a block for the stream that is at its extent. Where there is none
// the caller is at it from now on.
func (s *sharedScan) keep(b table.Block, extent any) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.of(extent); k != nil {
		k.blocks = append(k.blocks, b)
		return true
	}
	s.kept = append(s.kept, keptBlocks{extent: extent})
	return false
}

// left returns any block that is kept. A stream that keeps one comes here
// later itself, so that none is lost.
func (s *sharedScan) left() (table.Block, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
	s.mu.Lock()
	defer s.mu.Unlock()
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
