package notify

import (
	"context"

	"tidemark/internal/tree"
	"tidemark/rule"
)

func init() {
	register(&Kind{
		Name: "webhook",
		Doc:  "Posts each event in the common alert schema of Azure Monitor.",
		setup: func(*tree.Node) ([]tree.Field, func(string, Env) (Target, error)) {
			h := &httpClient{}
			fields := append(h.fields(), h.sign.fields("secret", "Key that bodies are signed with, in X-Tidemark-Signature.")...)
			return fields, func(_ string, env Env) (Target, error) {
				s, err := h.open(env)
				if err != nil {
					return nil, err
				}
				return &webhook{s, env}, nil
			}
		},
	})
}

type webhook struct {
	*sender
	env Env
}

func (w *webhook) Send(ctx context.Context, events []*rule.Event) (int, error) {
	return each(events, func(e *rule.Event) error {
		return w.post(ctx, Body(e, w.env.BaseURL), e.Key())
	})
}

func (w *webhook) Close() error { return w.close() }
