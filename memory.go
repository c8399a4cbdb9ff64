package tidemark

import (
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"tidemark/engine/op"
	"tidemark/engine/vec"
)

// SoftMemory has the process collect garbage more often instead of growing
// beyond so many bytes, as long as what it really needs leaves room for that:
// with what queries hold and what is cached the bound goes up, and it goes down
// again when they end. Without it a process grows to twice what it needs.
//
// It moves the limit of the Go runtime (runtime/debug.SetMemoryLimit), of which
// a process has one, so it is for commands rather than libraries, and for one
// database at a time. Where GOMEMLIMIT is set it changes nothing.
func SoftMemory(bytes int64) Option { return func(o *options) { o.softMemory = bytes } }

// DefaultSoftMemory is the bound of the commands.
const DefaultSoftMemory = 1152 << 20

// The bound leaves at least this much above what is needed: a share, so that
// collecting is not all that is done.
const (
	headroomShare = 8
	headroomLeast = 64 << 20
	// boundStep is how far off the bound may be: to move it stops the world.
	boundStep = 32 << 20
)

// memoryBound moves the runtime's limit.
type memoryBound struct {
	soft    int64
	budget  *op.Budget // what queries hold
	numbers *vec.Numberings
	cached  atomic.Int64 // what the storage keeps
	seen    atomic.Int64 // held and cached when the bound was last looked at

	mu  sync.Mutex
	set int64
}

// boundMemory begins to move the limit, where that is asked for.
func (db *DB) boundMemory() {
	if db.opts.softMemory <= 0 || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	m := &memoryBound{soft: db.opts.softMemory, budget: db.budget, numbers: db.numbers}
	m.move()
	db.budget.Watch(m.look)
	db.cached = func(bytes int64) { m.cached.Store(bytes); m.look() }
}

// look moves the bound where what is needed has changed much.
func (m *memoryBound) look() {
	if d := m.budget.Used() + m.cached.Load() - m.seen.Load(); d >= boundStep/2 || -d >= boundStep/2 {
		m.move()
	}
}

func (m *memoryBound) move() {
	m.mu.Lock()
	defer m.mu.Unlock()
	needed := m.budget.Used() + m.cached.Load()
	m.seen.Store(needed)
	needed += m.numbers.Size()
	want := max(m.soft, needed+max(needed/headroomShare, headroomLeast))
	back := want == m.soft && m.set != m.soft
	if d := want - m.set; d >= boundStep || -d >= boundStep || back {
		m.set = want
		debug.SetMemoryLimit(want)
	}
}
