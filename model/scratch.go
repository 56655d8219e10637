package model

type treeScratch struct{}
