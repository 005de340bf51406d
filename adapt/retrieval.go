package adapt

import (
	"context"
	"fmt"
	"slices"

	"framepilot/pilot"
	"framepilot/probe"
)

// search is one site's test clips and the texts they are to be found by.
type search struct {
	site   string
	dual   bool           // weigh by all queries at once
	videos probe.Features // V clips
	texts  probe.Matrix   // (T, d)
	match  [][]int        // text → videos it describes
}

// searches prepares retrieval on every site. A clip is described by its own
// caption, else by the prompts of its class; one with neither takes no part.
// Clips that share a description are all right answers to it.
func (x *Extractor) searches(ctx context.Context, p Plan, items []Item, f probe.Features, sites []string, prototypes probe.Matrix) ([]search, error) {
	captions := map[string]string{} // clip → caption
	for _, item := range items {
		captions[item.ID] = item.Caption
	}
	var list []search
	for _, site := range sites {
		var rows []int
		var said []string // description of each row
		for i, id := range f.IDs {
			switch {
			case f.Sites[i] != site:
			case captions[id] != "":
				rows, said = append(rows, i), append(said, "caption "+captions[id])
			case f.Labels[i] != probe.Unlabelled:
				rows, said = append(rows, i), append(said, "class "+f.Classes[f.Labels[i]])
			}
		}
		if len(rows) == 0 {
			continue
		}
		s := search{site: site, videos: f.Take(rows)}
		var texts []string
		texts, s.match = probe.UniqueCaptions(said)
		s.texts = probe.NewMatrix(len(texts), f.X.Cols)
		for t, videos := range s.match {
			i := videos[0]
			if caption := captions[s.videos.IDs[i]]; caption != "" {
				row, err := x.Texts(ctx, []string{caption})
				if err != nil {
					return nil, err
				}
				copy(s.texts.Row(t), row.Row(0))
			} else {
				copy(s.texts.Row(t), prototypes.Row(s.videos.Labels[i]))
			}
		}
		list = append(list, s)
		if p.Retrieval.DualSoftmax {
			s.dual = true
			list = append(list, s)
		}
	}
	return list, nil
}

func (s search) label() string {
	if s.dual {
		return "cosine similarity, dual softmax"
	}
	return "cosine similarity"
}

// measure ranks videos by text and texts by video, as the given look at what
// the videos show.
func (s search) measure(p Plan, look int) (pilot.Result, error) {
	conf := probe.LookConfidence(look, p.Test.Looks)
	got, err := probe.Retrieve(probe.Similarity(s.texts, s.videos.X), probe.RetrievalOptions{
		Match: s.match, Groups: s.videos.Groups, DualSoftmax: s.dual, Confidence: conf,
	})
	if err != nil {
		return pilot.Result{}, fmt.Errorf("%s at %s: %w", s.label(), s.site, err)
	}
	r := pilot.Result{
		Task: pilot.Retrieval, Method: "cosine", Label: s.label(), Prompts: p.Retrieval.Prompts, Site: s.site,
		Look: look, Agreed: p.Test.Looks,
		Params: map[string]string{"texts": fmt.Sprint(s.texts.Rows), "videos": fmt.Sprint(s.videos.Len())},
	}
	r.Metrics = slices.Concat(rankings("text_to_video_", got.TextToVideo, conf), rankings("video_to_text_", got.VideoToText, conf))
	return r, nil
}

func rankings(direction string, r probe.Ranking, conf float64) []pilot.Metric {
	return []pilot.Metric{
		rate(direction+"r1", r.R1, conf), rate(direction+"r5", r.R5, conf), rate(direction+"r10", r.R10, conf),
		{Name: direction + "median_rank", Unit: "rank", Value: r.MedianRank, N: len(r.Ranks)},
		{Name: direction + "mean_rank", Unit: "rank", Value: r.MeanRank, N: len(r.Ranks)},
	}
}
