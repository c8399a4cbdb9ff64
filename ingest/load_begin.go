package ingest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"
)

// begin finds out the format and prepares to read it. It returns no framer for
// an empty input.
func (l *load) begin(ctx context.Context) (*framer, func() decoder, error) {
	f := &framer{
		pump: l.pump, source: l.options.Source, line: 1, recycle: make(chan []byte, l.options.Decoders+1),
		maxRows: l.options.BatchRows, maxBytes: l.options.BatchBytes, wait: l.options.BatchWait,
	}
	var prefix []byte
	var err error
	if l.place != nil {
		prefix = l.place.resume(f)
	} else {
		if prefix, err = l.prefix(ctx); err != nil {
			return nil, nil, err
		}
		if f.buf = prefix; len(trim(prefix)) == 0 && l.pump.err == io.EOF {
			return nil, nil, nil
		}
	}
	format, err := l.format(prefix)
	if err != nil {
		return nil, nil, err
	}
	l.stats.Format = format.Name
	if t := l.options.Table; t != "" {
		if p, _ := l.plans.get(t); p == nil {
			return nil, nil, fmt.Errorf("there is no table %q", t)
		}
	}
	s, newDecoder, err := format.start(l.env, prefix)
	if err != nil {
		return nil, nil, err
	}
	f.splitter = s
	if format.lists {
		f.maxBytes = min(f.maxBytes, listBatchBytes)
	}
	if l.place != nil {
		err = l.place.start(format, s)
	}
	return f, newDecoder, err
}

// prefixBytes is how much of the input detection sees.
const prefixBytes = 64 << 10

// prefix reads the beginning of the input. Where records come slowly it is
// content with the first line and what there is behind it.
func (l *load) prefix(ctx context.Context) ([]byte, error) {
	var buf []byte
	for len(buf) < prefixBytes {
		wait := time.Duration(0)
		if bytes.IndexByte(bytes.TrimLeft(buf, " \t\r\n"), '\n') >= 0 {
			wait = l.options.BatchWait
		}
		var err error
		if buf, err = l.pump.more(ctx, buf, wait); err == errIdle || err == io.EOF {
			break
		} else if err != nil && (ctx.Err() != nil || len(buf) == 0) {
			return nil, err
		} else if err != nil {
			break // the framer will come across it again
		}
	}
	return buf, nil
}

func (l *load) format(prefix []byte) (Format, error) {
	if m := l.options.Mapping; m != nil {
		return m.format(), nil
	}
	name := l.options.Format
	if l.place != nil && l.place.at.Format != "" {
		name = l.place.at.Format
	}
	if name != "" {
		f, ok := Lookup(name)
		if !ok {
			return f, fmt.Errorf("there is no format %q; there are %v", name, FormatNames())
		}
		return f, nil
	}
	f, err := Detect(prefix)
	if err != nil && l.options.Table != "" {
		// With a table at hand, any header line that names its columns will do.
		if h, bad := l.csvHeader(prefix); bad == nil && h != nil {
			return csvFormat, nil
		}
	}
	return f, err
}
