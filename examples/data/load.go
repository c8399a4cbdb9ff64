package data

import (
	"context"
	"fmt"
	"io"

	"tidemark/ingest"
)

// Database is what the files can be loaded into; a *tidemark.DB is one.
type Database interface {
	Ingest(ctx context.Context, r io.Reader, o ingest.Options) (ingest.Stats, error)
}

// Load loads all files. Each time after the first, what is there already is
// recognised and left out, but for the rows of the portal, which have nothing
// to be recognised by.
func Load(ctx context.Context, db Database, report func(name string, stats ingest.Stats)) error {
	for _, name := range Names {
		f, err := Files.Open(name)
		if err != nil {
			return err
		}
		stats, err := db.Ingest(ctx, f, ingest.Options{Source: name})
		f.Close()
		if err != nil {
			return fmt.Errorf("load %s: %w", name, err)
		}
		report(name, stats)
	}
	return nil
}
