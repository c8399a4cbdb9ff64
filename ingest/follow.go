package ingest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"
)

// FollowSource is a set of files that are followed in one way.
type FollowSource struct {
	// Paths are files, folders (all files in and below them, hidden ones
	// aside) and globs as of path/filepath. They need not be there yet.
	Paths   []string
	Options Options
}

// FollowOptions say how files are followed. The zero value is good.
type FollowOptions struct {
	Poll    time.Duration // between looks at the files; 0 is 500 ms
	Quiet   time.Duration // after which a record of several lines has ended; 0 is 2 s
	Final   time.Duration // after which a last line without an end is taken as a record if it can be read; 0 is 30 s
	Workers int           // files that are loaded at the same time; 0 is 4

	// Report is told what is wrong with a file, once until it changes. The
	// file is tried again.
	Report func(path string, err error)
	// Progress is told after each load what has been loaded in all.
	Progress func(Stats)
	// Fatal tells errors after which following makes no sense, such as that
	// the database cannot be written any more; nil takes none for that.
	Fatal func(error) bool
}

func (o FollowOptions) withDefaults() FollowOptions {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&o.Poll, 500*time.Millisecond)
	set(&o.Quiet, 2*time.Second)
	set(&o.Final, 30*time.Second)
	if o.Workers <= 0 {
		o.Workers = 4
	}
	if o.Report == nil {
		o.Report = func(string, error) {}
	}
	if o.Progress == nil {
		o.Progress = func(Stats) {}
	}
	if o.Fatal == nil {
		o.Fatal = func(error) bool { return false }
	}
	return o
}

// Follow loads what files hold and what is added to them, until ctx ends: then
// the batches under way are finished, and it returns nil. It looks at the files
// every now and then. New files are loaded; renamed, copied and packed ones are
// known by their content; one that is cut off and written anew is a new one; of
// one that is deleted the rest is read. Each text is loaded from the position
// that was committed with its last rows, so that after a crash no row is lost
// and none is stored twice. The stats are sums over all files.
func (l *Loader) Follow(ctx context.Context, sources []FollowSource, o FollowOptions) (Stats, error) {
	f := &follower{loader: l, sources: sources, o: o.withDefaults(), files: map[string]*followed{}, total: newStats(), missing: map[string]bool{}}
	err := f.run(ctx)
	return f.total, err
}

// follower follows files. All of it belongs to the goroutine of run, but for
// what workers do with the file of a task.
type follower struct {
	loader  *Loader
	sources []FollowSource
	o       FollowOptions
	files   map[string]*followed // by fileID
	queue   []*task
	total   Stats
	missing map[string]bool // paths that have been reported
	handles int
}

// followed is a file as the follower last saw it.
type followed struct {
	id, path string
	source   int
	file     *os.File // kept open, so that the rest can be read when it is deleted; may be nil
	kept     bool     // it is among the handles
	gone     bool     // no path leads to it any more

	size     int64
	written  time.Time
	changed  time.Time // when it was seen to have changed
	version  int       // counts its changes
	stage    int       // up to which of the stages it has been loaded since then
	pending  bool      // it has, or may have, text that has not been loaded
	busy     bool      // it is queued or being loaded
	fault    string    // what is wrong with it
	faultAt  time.Time // since when
	reported bool
	retry    time.Time // when it is tried again
}

// task is a load of a file.
type task struct {
	*followed
	mode    fileMode
	stage   int
	version int
	stats   Stats
	end     fileEnd
	err     error
}

func (f *follower) run(ctx context.Context) error {
	work, done := make(chan *task), make(chan *task)
	var wg sync.WaitGroup
	ctx, stop := context.WithCancel(ctx)
	for range f.o.Workers {
		wg.Go(func() {
			for t := range work {
				f.loader.follow(ctx, t)
				done <- t
			}
		})
	}
	loading := 0
	defer func() { // what is under way is finished
		stop()
		close(work)
		for range loading {
			f.settle(<-done, time.Now())
		}
		wg.Wait()
		for _, x := range f.files {
			f.drop(x)
		}
	}()
	look := time.NewTimer(0)
	for {
		var out chan *task
		var next *task
		if len(f.queue) > 0 {
			out, next = work, f.queue[0]
		}
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			begun := time.Now()
			f.look(begun)
			// Looking at very many files must not be all that is done.
			look.Reset(max(f.o.Poll, 5*time.Since(begun)))
		case out <- next:
			f.queue = f.queue[1:]
			loading++
		case t := <-done:
			loading--
			if err := f.settle(t, time.Now()); err != nil {
				return err
			}
		}
	}
}

func (f *follower) drop(x *followed) {
	if x.file != nil {
		x.file.Close()
		x.file = nil
	}
	if x.kept {
		x.kept = false
		f.handles--
	}
}

// look finds the files and queues those that have something to load.
func (f *follower) look(now time.Time) {
	here := map[string]bool{}
	for _, found := range f.scan() {
		x := f.files[found.id]
		if x == nil {
			x = &followed{id: found.id, source: found.source, size: -1}
			f.files[found.id] = x
		}
		if here[x.id] {
			continue // another link to it
		}
		here[x.id] = true
		x.path, x.gone = found.path, false
		x.see(found.info, now)
		f.consider(x, now)
	}
	for id, x := range f.files {
		if here[id] || x.busy {
			continue
		}
		x.gone = true
		if info := x.stat(); info != nil {
			x.see(info, now)
			if f.consider(x, now); x.busy || x.pending && x.stage != finalStage {
				continue
			}
		}
		f.drop(x)
		delete(f.files, id)
	}
}

// stat returns what an open file is like, nil if it is not open.
func (x *followed) stat() fs.FileInfo {
	if x.file == nil {
		return nil
	}
	info, err := x.file.Stat()
	if err != nil {
		return nil
	}
	return info
}

// see notes whether the file has changed.
func (x *followed) see(info fs.FileInfo, now time.Time) {
	if info.Size() == x.size && info.ModTime().Equal(x.written) {
		return
	}
	x.size, x.written = info.Size(), info.ModTime()
	x.changed, x.stage, x.pending, x.retry = now, 0, true, time.Time{}
	x.version++
}

// stages are the endings to which a file that does not change any more is
// loaded one after another; the first counts 1.
var stages = []ending{endOpen, endQuiet, endFinal}

const finalStage = 3

// consider queues the file if it is time to load it.
func (f *follower) consider(x *followed, now time.Time) {
	stage, idle := 1, now.Sub(x.changed)
	switch {
	case idle >= f.o.Final, x.gone && idle >= f.o.Quiet:
		stage = finalStage
	case idle >= f.o.Quiet:
		stage = 2
	}
	if x.busy || x.size <= 0 || now.Before(x.retry) || !x.pending || stage <= x.stage {
		return
	}
	x.busy = true
	m := fileMode{Options: f.sources[x.source].Options, end: stages[stage-1], grows: true, holds: !x.gone}
	m.Source = x.path
	if m.BatchBytes == 0 {
		m.BatchBytes = 4 << 20
	}
	f.queue = append(f.queue, &task{followed: x, mode: m, stage: stage, version: x.version})
}

// maxHandles is how many files are kept open.
const maxHandles = 256

// settle takes in what a load has done.
func (f *follower) settle(t *task, now time.Time) error {
	x := t.followed
	x.busy = false
	f.total.add(t.stats)
	f.o.Progress(f.total.clone())
	switch {
	case x.file == nil || x.kept:
	case f.handles >= maxHandles || !t.end.plain:
		f.drop(x)
	default:
		x.kept = true
		f.handles++
	}
	switch {
	case t.err == nil:
		x.fault, x.reported = "", false
		if x.version == t.version { // it has not changed meanwhile
			x.stage, x.pending = t.stage, t.end.left(t.mode.end)
		}
	case errors.Is(t.err, errUnfinished):
		if x.version == t.version {
			x.stage = t.stage
		}
	case errors.Is(t.err, errReplaced):
		x.size = -1 // the next look takes it for changed
	case f.o.Fatal(t.err):
		return t.err
	default:
		f.failed(x, t.err, now)
	}
	return nil
}

// failed notes that a file could not be loaded, and reports it unless it was
// only being written.
func (f *follower) failed(x *followed, err error, now time.Time) {
	if x.fault != err.Error() {
		x.fault, x.faultAt, x.reported = err.Error(), now, false
	}
	age := now.Sub(x.faultAt)
	x.stage, x.pending, x.retry = 0, true, now.Add(min(max(f.o.Poll, age), time.Minute))
	if !x.reported && age >= f.o.Quiet {
		x.reported = true
		f.o.Report(x.path, err)
	}
}
