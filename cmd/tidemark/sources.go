package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tidemark"
	"tidemark/ingest"
	"tidemark/internal/tree"
	"tidemark/output"
)

// source is an entry of sources: files that tidemark run follows.
type source struct {
	paths     []string
	mapping   string
	mappingAt *tree.Node
	options   tidemark.IngestOptions
}

// readSources reads a list of sources. One is a mapping, or only a path.
func readSources(n *tree.Node) []*source {
	if n.Kind != tree.List {
		n.Fail("for example [/var/log/fim, {paths: [/var/log/audit], format: auditd}]", "sources are a list, and this is %s", n.Kind)
		return nil
	}
	var out []*source
	for _, item := range n.Items {
		s := &source{}
		if item.Kind == tree.Map {
			item.Fields("a source", s.fields())
		} else {
			item.String(new(string))
			item.Strings(&s.paths)
		}
		if len(s.paths) == 0 && !item.Failed() {
			item.Fail("for example paths: [/var/log/fim]", "the source has no paths")
		}
		out = append(out, s)
	}
	return out
}

func (s *source) fields() []tree.Field {
	return []tree.Field{
		{Name: "paths", Doc: "Files, folders and globs, from the folder of this file.", Read: func(n *tree.Node) { n.Strings(&s.paths) }},
		{Name: "format", Doc: "Format of the files; without it, the content tells, file by file.", Read: func(n *tree.Node) { n.Word(&s.options.Format, ingest.FormatNames()...) }},
		{Name: "mapping", Doc: "File that says how records of an unknown format become rows.", Read: func(n *tree.Node) { n.String(&s.mapping); s.mappingAt = n }},
		{Name: "table", Doc: "Where all rows go; without it, the records tell.", Read: func(n *tree.Node) { n.String(&s.options.Table) }},
		{Name: "computer", Doc: "Computer of records that name none.", Read: func(n *tree.Node) { n.String(&s.options.Computer) }},
		{Name: "zone", Doc: "Zone of times that do not say theirs; UTC.", Read: func(n *tree.Node) {
			var err error
			if s.options.Zone, err = time.LoadLocation(n.Text); err != nil {
				n.Fail("for example Europe/Berlin", "%v", err)
			}
		}},
		{Name: "dedupWindow", Doc: "How long rows without an EventId are left out that equal one stored; 24h, for example. Without it, none are.", Read: func(n *tree.Node) {
			var err error
			if s.options.DedupWindow, err = window(n.Text); err != nil {
				n.Fail("for example 24h", "%v", err)
			}
		}},
	}
}

// window reads the span of a window for rows that come twice.
func window(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err == nil && d < time.Second {
		err = fmt.Errorf("a window of %v is too short; a second is the least", d)
	}
	return d, err
}

// resolve makes the paths of a source those below dir and reads its mapping.
func (s *source) resolve(dir string) {
	for i, p := range s.paths {
		s.paths[i] = below(dir, p)
	}
	if s.mapping == "" {
		return
	}
	if s.options.Format != "" {
		s.mappingAt.Fail("leave one out", "a source has either a mapping or a format: a mapping says what the input is")
		return
	}
	text, err := os.ReadFile(below(dir, s.mapping))
	if err == nil {
		s.options.Mapping, err = ingest.ReadMapping(s.mapping, string(text))
	}
	if err != nil {
		s.mappingAt.Fail("", "%v", fileError(err))
	}
}

// below is a path that a file in dir names.
func below(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// followEvery is how often a service tells what it has loaded.
const followEvery = time.Minute

// follow loads what the sources of a configuration have until ctx ends.
func (c *config) follow(ctx context.Context, db *tidemark.DB, log func(format string, args ...any)) (err error) {
	if len(c.sources) == 0 {
		<-ctx.Done()
		return nil
	}
	var rejects *os.File
	if c.rejects != "" {
		if rejects, err = appendTo(c.rejects); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rejects.Close()) }()
	}
	var sources []tidemark.FollowSource
	for _, s := range c.sources {
		o := s.options
		if rejects != nil {
			o.Rejects = rejects
		}
		sources = append(sources, tidemark.FollowSource{Paths: s.paths, Options: o})
	}
	told := tidemark.IngestStats{}
	last := time.Now()
	tell := func(s tidemark.IngestStats) {
		if s.RowsIn == told.RowsIn && s.RowsRejected == told.RowsRejected {
			return
		}
		log("%s loaded%s", output.Plural(s.RowsIn-told.RowsIn, "row"), rejectedText(s.RowsRejected-told.RowsRejected))
		for _, r := range s.Rejects[min(len(told.Rejects), len(s.Rejects)):] {
			log("rejected: %s, line %d: %s", r.Source, r.Line, r.Reason)
		}
		told, last = s, time.Now()
	}
	stats, err := db.Follow(ctx, sources, tidemark.FollowOptions{
		Report: func(path string, err error) { log("%s", followFault(path, err)) },
		Progress: func(s tidemark.IngestStats) {
			if time.Since(last) >= followEvery {
				tell(s)
			}
		},
	})
	tell(stats)
	return err
}
