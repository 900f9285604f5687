import { busy, Caller, Operation, type Principal } from '@app/http';
import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { emailTaken, userNotFound } from '../users/users.service';
import { EmailConfirmation, PasswordReset, PasswordResetRequest } from './recovery.dto';
import { invalidResetToken, invalidVerificationToken, Recovery } from './recovery.service';

@ApiTags('auth')
@Controller('v1/auth')
export class RecoveryController {
  constructor(private readonly recovery: Recovery) {}

  @Post('password-reset')
  @Operation({
    summary: 'Ask for a mail to choose a new password',
    description: 'Answered alike whether or not there is such an account. An account gets a few mails an hour at most.',
    status: 202,
    isUnstored: true,
    limit: 'sign-up',
  })
  requestPasswordReset(@Body() { email }: PasswordResetRequest): Promise<void> {
    return this.recovery.requestReset(email);
  }

  @Post('password-reset/confirm')
  @Operation({
    summary: 'Choose a new password by the token of a mail',
    description: 'Ends every session and access token of the account; its address is confirmed by this, too.',
    refuses: [invalidResetToken, busy],
  })
  confirmPasswordReset(@Body() reset: PasswordReset): Promise<void> {
    return this.recovery.reset(reset);
  }

  @Post('email-verification')
  @Operation({
    summary: 'Ask for a mail to confirm the own address',
    description: 'It goes to the address that the account is to move to, if there is one.',
    limit: 'sign-up',
    status: 202,
    demands: 'session',
    isUnstored: true,
    refuses: [userNotFound],
  })
  requestEmailVerification(@Caller() { id }: Principal): Promise<void> {
    return this.recovery.requestVerification(id);
  }

  @Post('email-verification/confirm')
  @Operation({
    summary: 'Confirm an address by the token of a mail',
    description:
      'Needs no login: the mail may be opened on another device. An account that is to move to the address moves now.',
    refuses: [invalidVerificationToken, emailTaken],
  })
  confirmEmail(@Body() { token }: EmailConfirmation): Promise<void> {
    return this.recovery.verify(token);
  }
}
