package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"tidemark"
	"tidemark/output"
)

// follow loads what the paths stand for and what comes, until ctx ends.
func (l *loader) follow(ctx context.Context, e *env, db *tidemark.DB, paths []string) error {
	defer serveControl(db, logger(e))()
	fmt.Fprintf(e.err, "%s followed; Ctrl-C ends\n", output.Plural(int64(len(paths)), "path"))
	stats, err := db.Follow(ctx, []tidemark.FollowSource{{Paths: paths, Options: l.options}}, tidemark.FollowOptions{
		Report: func(path string, err error) {
			l.meter.clear()
			fmt.Fprintf(e.err, "tidemark: %s\n", followFault(path, err))
			// What is not there yet may come.
			l.failed = l.failed || !errors.Is(err, fs.ErrNotExist)
		},
		Progress: func(s tidemark.IngestStats) { l.meter.show(s.RowsIn, s.RowsRejected, s.FileBytes) },
	})
	l.add(stats)
	return err
}

// followFault says what is wrong with a path that is followed.
func followFault(path string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return output.Clean(path) + ": not there yet"
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return output.Clean(path) + ": " + output.CleanLines(err.Error())
}
