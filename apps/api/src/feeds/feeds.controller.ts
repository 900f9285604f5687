import { Caller, IfMatch, Operation, PathId, type Precondition, type Principal } from '@app/http';
import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { FEED_ID, FeedChanges, FeedPage, FeedView, ListFeedsQuery, NewFeed } from './feeds.dto';
import { feedNameTaken, feedNotFound, FeedsService, tooManyFeeds } from './feeds.service';

@ApiTags('feeds')
@Controller('v1/feeds')
export class FeedsController {
  constructor(private readonly feeds: FeedsService) {}

  @Get()
  @Operation({ summary: 'List feeds', description: 'Newest first.', demands: 'admin', answers: FeedPage })
  listFeeds(@Query() query: ListFeedsQuery): Promise<FeedPage> {
    return this.feeds.list(query);
  }

  @Get(':id')
  @Operation({
    summary: 'Read a feed',
    demands: 'admin',
    answers: FeedView,
    isVersioned: true,
    refuses: [feedNotFound],
  })
  getFeed(@PathId(FEED_ID) id: string): Promise<FeedView> {
    return this.feeds.get(id);
  }

  @Post()
  @Operation({
    summary: 'Add a feed',
    description: 'Its items will be those of the administrator who adds it.',
    demands: 'admin',
    answers: FeedView,
    status: 201,
    isVersioned: true,
    location: '/v1/feeds/{id}',
    isIdempotent: true,
    refuses: [feedNameTaken, tooManyFeeds],
  })
  createFeed(@Caller() caller: Principal, @Body() feed: NewFeed): Promise<FeedView> {
    return this.feeds.create(caller, feed);
  }

  @Patch(':id')
  @Operation({
    summary: 'Change a feed',
    description:
      'A merge patch (RFC 7396). A worker that reads it goes on with what it began with; whoever takes it from then on reads it as it is.',
    demands: 'admin',
    consumes: ['application/merge-patch+json', 'application/json'],
    answers: FeedView,
    isVersioned: true,
    isConditional: true,
    refuses: [feedNotFound, feedNameTaken],
  })
  updateFeed(
    @PathId(FEED_ID) id: string,
    @Body() changes: FeedChanges,
    @IfMatch() precondition: Precondition,
  ): Promise<FeedView> {
    return this.feeds.update(id, changes, precondition);
  }

  @Delete(':id')
  @Operation({
    summary: 'Delete a feed',
    description: 'Its items stay. A refresh of it that is under way ends, and jobs no longer show it.',
    demands: 'admin',
    isConditional: true,
    refuses: [feedNotFound],
  })
  deleteFeed(@PathId(FEED_ID) id: string, @IfMatch() precondition: Precondition): Promise<void> {
    return this.feeds.remove(id, precondition);
  }
}
